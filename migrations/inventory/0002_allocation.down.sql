-- The extension stays: others may use it, and creating it again is harmless.
DROP TABLE allocation;
