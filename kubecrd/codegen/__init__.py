"""From definitions and OpenAPI documents to Python classes."""
