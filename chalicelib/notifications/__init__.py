"""The in-product inbox: service messages, as codes and ids, put into words when they are read."""
