package dev.kogata.standalone;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What an input or output error means, for a sentence: file system exceptions carry only a path as their message. */
public final class PlainWords {
    private PlainWords() {}

    /** The public reason that fits an error of writing. */
    public static String reason(IOException error) {
        String message = error.getMessage();
        return message != null && message.contains("No space left") ? "DISK_FULL" : "ARGUMENT_INVALID";
    }

    /** A few words, without class names. */
    public static String of(IOException error) {
        if (error instanceof NoSuchFileException || error instanceof FileNotFoundException) {
            return "there is no such file";
        }
        if (error instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (error instanceof FileAlreadyExistsException) {
            return "something of that name is there already";
        }
        if (error instanceof NotDirectoryException) {
            return "it is not a folder";
        }
        if (reason(error).equals("DISK_FULL")) {
            return "no space is left on the disk";
        }
        String message = error.getMessage();
        return message == null || message.isBlank() ? "input or output failed" : message;
    }
}
