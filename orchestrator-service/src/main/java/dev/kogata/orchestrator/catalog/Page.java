package dev.kogata.orchestrator.catalog;

import dev.kogata.kit.error.KogataException;
import java.util.List;
import org.jdbi.v3.core.mapper.RowMapper;

/**
 * One page of a list, newest first. Immutable.
 *
 * @param items what is on it
 * @param nextToken names the next page; empty on the last
 */
public record Page<T>(List<T> items, String nextToken) {

    private static final int STANDARD = 50;
    private static final int LARGEST = 1000;

    /** Row with the number it is ordered by. */
    public record Numbered<T>(long number, T item) {
    }

    /** Reads rows with a number below {@code before}, highest first, at most {@code limit}. */
    public interface Rows<T> {
        List<Numbered<T>> read(long before, int limit);
    }

    /** The page that a request asks for. Refuses sizes and tokens that no answer named, with {@code ARGUMENT_INVALID}. */
    public static <T> Page<T> of(int pageSize, String pageToken, Rows<T> rows) {
        if (pageSize < 0) {
            throw KogataException.invalid("page_size", "A page of " + pageSize + " cannot be given; ask for 1 to " + LARGEST + ", or 0 for " + STANDARD + ".");
        }
        int size = pageSize == 0 ? STANDARD : Math.min(pageSize, LARGEST);
        List<Numbered<T>> found = rows.read(before(pageToken), size + 1);
        boolean more = found.size() > size;
        List<Numbered<T>> shown = more ? found.subList(0, size) : found;
        return new Page<>(shown.stream().map(Numbered::item).toList(), more ? Long.toString(shown.get(size - 1).number(), 36) : "");
    }

    /** A mapper that reads the column {@code number} beside the item. */
    public static <T> RowMapper<Numbered<T>> numbered(RowMapper<T> item) {
        return (row, context) -> new Numbered<>(row.getLong("number"), item.map(row, context));
    }

    private static long before(String token) {
        if (token.isEmpty()) {
            return Long.MAX_VALUE;
        }
        try {
            return Long.parseLong(token, 36);
        } catch (NumberFormatException e) {
            throw KogataException.invalid("page_token", "The page token is not one that an earlier answer gave; leave it out for the first page.");
        }
    }
}
