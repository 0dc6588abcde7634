ALTER TABLE organisations DROP COLUMN schemas;
DROP TABLE extensions;
