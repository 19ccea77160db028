"""What stands between the network and the handlers: who may come in, how often, with how much, from where."""
