"""The `kubecrd` command."""
