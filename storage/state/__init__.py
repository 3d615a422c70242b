"""The store: flows, runs and all that is known of them, in plain JSON files. Source: store.md."""
