"""Writers of the files a retailer gets: each knows one documented layout and no content."""
