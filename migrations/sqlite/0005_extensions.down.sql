ALTER TABLE token_limits DROP COLUMN schemas;
ALTER TABLE organisations DROP COLUMN schemas;
DROP TABLE extensions;
