"""The CEL of Kubernetes: text to checked, compiled function. Knows no schema class."""
