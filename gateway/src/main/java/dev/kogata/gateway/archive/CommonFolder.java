package dev.kogata.gateway.archive;

import java.util.List;

/** The one folder that people pack around what they meant. */
public final class CommonFolder {
    private CommonFolder() {}

    /** The same paths in the same order, without their top folder where all share one. */
    public static List<EntryPath> strip(List<EntryPath> paths) {
        boolean common = !paths.isEmpty() && paths.stream().allMatch(path ->
            path.parts().size() > 1 && path.parts().get(0).equals(paths.get(0).parts().get(0)));
        return common ? paths.stream().map(EntryPath::withoutTop).toList() : paths;
    }
}
