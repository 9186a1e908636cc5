"""One builder per group of metrics: readings in, facts out. Nothing here asks Xero."""
