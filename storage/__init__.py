"""What is kept: flow code and the state store."""
