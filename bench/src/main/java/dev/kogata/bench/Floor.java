package dev.kogata.bench;

/**
 * What an operation cannot do without, however it is written.
 *
 * @param operations arithmetic operations or comparisons
 * @param bytes read and written, every input and output once
 */
record Floor(long operations, long bytes) {}
