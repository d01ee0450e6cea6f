DROP TABLE products;
DROP TABLE documents;
DROP TABLE orders;
