"""GraphQL for users: another way to ask the handlers of `hub.http.api.my`. Loaded with the first query."""
