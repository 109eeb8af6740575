package dev.kogata.gateway.archive;

/**
 * Limits on what comes out of one archive, counted while it is unpacked; sizes that an archive states are not believed.
 * Immutable.
 *
 * @param mostEntries files, folders and everything else
 * @param mostBytes of all files together
 * @param mostRatio bytes unpacked for each byte of the archive; small archives may have {@link #FREE_BYTES} anyway
 */
public record ArchiveLimits(int mostEntries, long mostBytes, int mostRatio) {
    /** An archive of a few kilobytes may well hold some megabytes of text. */
    static final long FREE_BYTES = 64L << 20;

    long bytesFor(long archiveBytes) {
        long byRatio = FREE_BYTES + archiveBytes * mostRatio;
        return byRatio < 0 ? mostBytes : Math.min(mostBytes, byRatio);
    }
}
