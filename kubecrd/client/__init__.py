"""HTTP: configuration, authentication, typed access to every kind."""
