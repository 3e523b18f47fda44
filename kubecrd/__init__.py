"""Kubernetes custom resources from Python classes: definitions, verdicts, client, controllers, and a server to test against."""
