"""The fourteen stages, one module each. None knows another: each reads earlier results from `draft.Draft`."""
