"""How the product is run: images, brokers, manifests."""
