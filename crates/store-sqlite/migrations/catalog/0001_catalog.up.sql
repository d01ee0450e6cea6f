-- The catalog's own table: the menu.
CREATE TABLE products (
    id      TEXT NOT NULL PRIMARY KEY, -- the id its buyers use
    product TEXT NOT NULL              -- the product, JSON; the price in minor units
) STRICT, WITHOUT ROWID;
