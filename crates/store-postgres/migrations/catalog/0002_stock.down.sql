DROP TABLE reservations;
ALTER TABLE products DROP COLUMN updated_at;
ALTER TABLE products DROP COLUMN version;
ALTER TABLE products DROP COLUMN telling;
ALTER TABLE products DROP COLUMN reserved;
ALTER TABLE products DROP COLUMN stock;
