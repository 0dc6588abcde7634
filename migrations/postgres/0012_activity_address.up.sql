-- Where a member of the portal was who did something.
ALTER TABLE activity ADD COLUMN address text NOT NULL DEFAULT ''; -- of the network
