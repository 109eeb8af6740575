package dev.kogata.kit.task;

import java.util.Map;

/** The board on the embedded mesh's database. */
class H2TaskBoardTest extends TaskBoardContract {
    @Override
    Map<String, String> databaseSettings() {
        return Map.of();
    }
}
