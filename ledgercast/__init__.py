"""What two or more of Ledgercast's functions share."""
