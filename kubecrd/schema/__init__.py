"""From a class to a CustomResourceDefinition, from an object to the API server's verdict."""
