package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * A real Chromium without a window, with a profile of its own. Where none is installed, tests that need one are skipped and say
 * so; with KOGATA_TEST_BROWSER=required they fail.
 */
final class Browser implements AutoCloseable {

    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");

    /** Says at every start that it knows no newer browser's own protocol, of which only what never changes is used here. Held: loggers are forgotten. */
    private static final Logger PROTOCOL = Logger.getLogger("org.openqa.selenium.devtools");

    final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    /** @param profile a new, empty folder */
    static Browser open(Path profile) throws IOException {
        boolean installed = Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER);
        if (!installed && "required".equals(System.getenv("KOGATA_TEST_BROWSER"))) {
            throw new AssertionError("Tests of the page need " + CHROMIUM + " and " + DRIVER + ": install the packages chromium and chromium-driver.");
        }
        assumeTrue(installed, "no browser: install the packages chromium and chromium-driver to test the page");
        PROTOCOL.setLevel(Level.OFF);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(CHROMIUM.toFile());
        options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--user-data-dir=" + Files.createDirectories(profile));
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        ChromeDriverService service = new ChromeDriverService.Builder().usingDriverExecutable(DRIVER.toFile()).usingAnyFreePort().build();
        ChromeDriver driver = new ChromeDriver(service, options);
        driver.manage().timeouts().pageLoadTimeout(Duration.ofMinutes(2)).scriptTimeout(Duration.ofMinutes(2));
        driver.manage().window().setSize(new Dimension(1200, 1000));
        return new Browser(driver);
    }

    /** Waits until there is a visible element whose text contains {@code text}, and returns it. */
    WebElement awaits(String selector, String text) throws Exception {
        WebElement[] found = new WebElement[1];
        Until.holds("'" + selector + "' says '" + text + "'; the page: " + driver.getCurrentUrl(), () -> {
            found[0] = find(selector, text);
            return found[0] != null;
        });
        return found[0];
    }

    private WebElement find(String selector, String text) {
        for (WebElement element : driver.findElements(By.cssSelector(selector))) {
            try {
                if (element.isDisplayed() && element.getText().contains(text)) {
                    return element;
                }
            } catch (StaleElementReferenceException replaced) {
                // The page has moved on; the next look sees what is there now.
            }
        }
        return null;
    }

    WebElement element(String selector) {
        return driver.findElement(By.cssSelector(selector));
    }

    void type(String selector, String text) {
        WebElement field = element(selector);
        field.clear();
        field.sendKeys(text);
    }

    void unfold(String summary) {
        driver.findElement(By.xpath("//summary[.='" + summary + "']")).click();
    }

    /** Errors in the console, violations of the page's security policy among them, since the last call. */
    List<String> errors() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream().filter(entry -> entry.getLevel().intValue() >= Level.SEVERE.intValue())
                .map(entry -> entry.getMessage()).toList();
    }

    /** Asks axe what of the page keeps people out (WCAG 2.1, levels A and AA). */
    void requireAccessible() throws IOException {
        try (InputStream in = Browser.class.getResourceAsStream("/axe.min.js")) {
            // Through the developer tools, which the page's policy does not bind.
            driver.executeScript(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
        Object violations = driver.executeAsyncScript("const done = arguments[0]; axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], iframes: false})"
                + ".then(r => done(r.violations.map(v => v.id + ': ' + v.help + ' ' + v.nodes.map(n => n.html).join(' | ')))).catch(e => done([String(e)]))");
        assertThat((List<?>) violations).as("what axe finds at " + driver.getCurrentUrl()).isEmpty();
    }

    /** Asks whether the page fits a window as narrow as this. Charts learn of a new width a frame or more after it is there, hence the wait. */
    void requireFits(int width) throws Exception {
        driver.executeCdpCommand("Emulation.setDeviceMetricsOverride", Map.of("width", width, "height", 740, "deviceScaleFactor", 1, "mobile", false));
        try {
            Until.holds(driver.getCurrentUrl() + " fits " + width + " pixels", () -> widthNeeded() <= width);
        } finally {
            driver.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
        }
    }

    private long widthNeeded() {
        return ((Number) driver.executeScript("return document.scrollingElement.scrollWidth")).longValue();
    }

    void prefersDark(boolean dark) {
        driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", new ArrayList<>(List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light")))));
    }

    @Override
    public void close() {
        driver.quit();
    }
}
