"""What a Kubernetes object is: identity, metadata, requests, codec. No I/O."""
