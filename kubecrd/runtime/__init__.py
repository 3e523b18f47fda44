"""Watcher, store, controller: what an operator is made of."""
