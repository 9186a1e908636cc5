"""`make load`: a great many of Xero's events at once, with everything going wrong that may, counted to the last one."""
