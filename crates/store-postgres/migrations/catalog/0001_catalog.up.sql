-- The catalog's own table: the menu.
CREATE TABLE products (
    id      text PRIMARY KEY COLLATE "C",
    product json NOT NULL
);
COMMENT ON TABLE products IS 'The menu.';
COMMENT ON COLUMN products.id IS 'The id its buyers use.';
COMMENT ON COLUMN products.product IS 'The product; the price in minor units.';
