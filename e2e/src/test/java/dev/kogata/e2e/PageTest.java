package dev.kogata.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;

/** The page in a real browser, over the packaged mesh: what a person does with it, from the first upload to the report. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PageTest {

    /** A name that would be a script in a page that takes names for markup. */
    private static final String NAME = "<img src=x onerror=alert(1)><script>alert(1)<";

    @TempDir static Path folder;
    private Browser browser;
    private EmbeddedMesh mesh;
    private Path model;
    private Path data;
    private String job;

    @BeforeAll
    void open() throws Exception {
        browser = Browser.open(folder.resolve("profile"));
        model = Files.write(folder.resolve(NAME + ".zip"), Rest.zip(CompressTest.MODEL));
        data = SmallData.first(40, "calibration", folder.resolve("data")).getParent();
        mesh = EmbeddedMesh.start(folder.resolve("home"));
    }

    @AfterAll
    void close() throws InterruptedException {
        if (browser != null) {
            browser.close();
        }
        if (mesh != null) {
            mesh.close();
        }
    }

    private void go(String hash) {
        browser.driver.get("about:blank");
        browser.driver.get(mesh.server() + "/" + hash);
    }

    @Test
    @Order(1)
    void aModelAndABudgetBecomeAReport() throws Exception {
        go("");
        browser.awaits("main", "No jobs yet").findElement(By.linkText("Compress a model")).click();
        browser.awaits("h1", "New job");
        browser.element("#model-files").sendKeys(model.toString());
        browser.element("#data-folder").sendKeys(data.toString());
        browser.awaits("fieldset .taken", "data ·");
        browser.awaits("#model-zone .found", "decoder");
        assertThat(browser.awaits("#estimate", "Can reach").getText()).as("before anything of the model was measured").contains("unknown", "in a worker");
        browser.unfold("Go or no-go");
        browser.type("#kl", "100");
        browser.unfold("Advanced");
        browser.type("#trials", "12");
        browser.type("#context", "256");
        browser.driver.findElement(By.xpath("//button[.='Compress']")).click();

        browser.awaits(".stages [aria-current=step]", "");
        job = browser.driver.getCurrentUrl().replaceFirst(".*#/jobs/", "");
        browser.awaits("section", "of 12 trials");
        assertThat(browser.element("#search-chart").getAttribute("aria-label")).contains("nats");
        browser.awaits(".state", "Succeeded");
        browser.awaits(".verdict", "Go");
        assertThat(browser.element("h1").getText()).isEqualTo(NAME);
        browser.driver.switchTo().frame(browser.awaits("#report-frame", ""));
        assertThat(browser.awaits("#title", NAME).getText()).isEqualTo(NAME);
        browser.awaits("#verdict", "The threshold that was given is held");
        browser.driver.switchTo().defaultContent();
        assertThat(browser.errors()).isEmpty();
    }

    @Test
    @Order(2)
    void everyLinkOfTheResultLeadsToItsFile() throws Exception {
        go("#/jobs/" + job);
        browser.awaits(".cards", "exact answers");
        HttpClient client = HttpClient.newHttpClient();
        for (WebElement link : browser.driver.findElements(By.cssSelector("section a[href^='/v1/']"))) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(link.getAttribute("href"))).build();
            assertThat(client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode()).as(link.getAttribute("href")).isEqualTo(200);
        }
    }

    @Test
    @Order(3)
    void theReportNeedsNothingButItself() throws Exception {
        Path report = folder.resolve("report.html");
        HttpRequest request = HttpRequest.newBuilder(URI.create(mesh.server() + "/v1/jobs/" + job + "/report.html")).build();
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofFile(report));
        browser.driver.get(report.toUri().toString());
        browser.awaits("#title", NAME);
        assertThat(browser.errors()).isEmpty();
        assertThat(browser.driver.executeScript("return performance.getEntriesByType('resource').filter(r => !r.name.startsWith('data:')).length")).isEqualTo(0L);
        browser.requireFits(360);
        browser.requireAccessible();
    }

    @Test
    @Order(4)
    void errorsAreInWordsAndNothingStarts() throws Exception {
        int before = jobs().size();
        go("#/new");
        choose("#model-stored");
        choose("#data-stored");
        browser.type("#budget", "much");
        browser.driver.findElement(By.xpath("//button[.='Compress']")).click();
        assertThat(browser.awaits("#refused .problem", "budget").getText()).contains("60%", "BUDGET_INVALID");
        browser.type("#budget", "1%");
        browser.driver.findElement(By.xpath("//button[.='Compress']")).click();
        assertThat(browser.awaits("#refused .problem", "BUDGET_UNREACHABLE").getText()).contains("bytes");
        browser.element("#model-files").sendKeys(Files.writeString(folder.resolve("letter.txt"), "no model").toString());
        browser.awaits("#model-zone .problem", "Reason");
        assertThat(jobs()).hasSize(before);
    }

    @Test
    @Order(4)
    void theEstimateFollowsTheForm() throws Exception {
        go("#/new");
        choose("#model-stored");
        browser.awaits("#estimate", "60.0 %");
        browser.type("#context", "256");
        assertThat(browser.awaits("#estimate", "about").getText()).as("an earlier job of this model has measured").contains("Time", "for the rest", "100 ×");
        browser.unfold("Advanced");
        browser.type("#trials", "40");
        browser.awaits("#estimate", "40 ×");
        browser.type("#budget", "1%");
        assertThat(browser.awaits("#estimate .problem", "cannot be met").getText()).contains("BUDGET_UNREACHABLE");
        browser.awaits("#estimate", "Ask for");
        browser.element("#budget-range").sendKeys(Keys.END);
        browser.element("#budget-range").sendKeys(Keys.ARROW_LEFT);
        browser.awaits("#estimate", "99.0 %");
        assertThat(browser.element("#budget").getAttribute("value")).isEqualTo("99%");
        browser.driver.findElement(By.cssSelector("input[name=budget-kind][value=apart]")).click();
        browser.awaits("#estimate .problem", "one for the caches");
        browser.type("#weights-budget", "70%");
        browser.type("#cache-budget", "50%");
        browser.awaits("#estimate", "Can reach");
        browser.driver.findElement(By.cssSelector("input[name=budget-kind][value=front]")).click();
        Until.holds("a front has no budget", () -> !browser.element("#estimate").getText().contains("Budget"));
    }

    @Test
    @Order(4)
    void everySettingThatIsOfferedIsTaken() throws Exception {
        go("#/new");
        choose("#model-stored");
        browser.awaits("#estimate", "Can reach");
        browser.unfold("Advanced");
        for (WebElement choice : browser.driver.findElements(By.cssSelector("#advanced option:not([value='']), #advanced input[type=checkbox]"))) {
            choice.click();
            String body = (String) browser.driver.executeAsyncScript("const done = arguments[0]; import('/page/request.js').then(m => done(JSON.stringify({...m.requestOf(new FormData(document.getElementById('job-form'))), "
                    + "model: document.getElementById('model-stored').value})))");
            assertThat(body).contains(choice.getAttribute("value"));
            assertThat(estimated(body)).as(body).isEqualTo(200);
            if (choice.getTagName().equals("option")) {
                choice.findElement(By.xpath("../option[1]")).click();
            }
        }
    }

    private int estimated(String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(mesh.server() + "/v1/jobs:estimate")).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }

    private void choose(String select) throws Exception {
        browser.awaits(select + " option:nth-child(2)", "");
        browser.driver.findElement(By.cssSelector(select + " option:nth-child(2)")).click();
    }

    @Test
    @Order(5)
    void aRunningJobIsCancelledAndSaysSo() throws Exception {
        go("#/new");
        choose("#model-stored");
        choose("#data-stored");
        browser.unfold("Advanced");
        browser.type("#trials", "100000");
        browser.type("#context", "256");
        browser.driver.findElement(By.xpath("//button[.='Compress']")).click();
        browser.awaits("section", "of 100,000 trials");
        String running = browser.driver.getCurrentUrl().replaceFirst(".*#/", "");

        go("#/stored");
        remove("#models-title ~ * button.danger");
        WebElement refused = browser.awaits(".problem", "IN_USE");
        assertThat(refused.getText()).contains("SEARCHING");
        refused.findElement(By.linkText(running)).click();

        browser.awaits("#cancel", "Cancel").click();
        browser.awaits("#question", "Cancel this job?");
        press(Keys.ESCAPE);
        Until.holds("the question is gone", () -> !browser.element("#question").isDisplayed());
        assertThat(browser.driver.switchTo().activeElement().getAttribute("id")).as("the focus is back").isEqualTo("cancel");
        press(Keys.ENTER);
        browser.awaits("#question", "Cancel this job?");
        assertThat(focused()).as("what changes nothing comes first").isEqualTo("Keep it");
        press(Keys.TAB);
        press(Keys.ENTER);
        browser.awaits(".state", "Cancelled");
        go("#/");
        browser.awaits("tbody tr:first-child .state", "Cancelled");
        browser.awaits("tbody tr:nth-child(2) .state", "Succeeded");
    }

    @Test
    @Order(7)
    void aPointOfAFrontBecomesAJob() throws Exception {
        go("#/new");
        choose("#model-stored");
        choose("#data-stored");
        browser.driver.findElement(By.cssSelector("input[name=budget-kind][value=front]")).click();
        browser.unfold("Advanced");
        browser.type("#trials", "6");
        browser.type("#context", "256");
        browser.driver.findElement(By.xpath("//button[.='Compress']")).click();
        browser.awaits(".state", "Succeeded");
        String front = browser.driver.getCurrentUrl();
        browser.awaits("#point", "KL");
        browser.driver.findElement(By.xpath("//button[.='Make it']")).click();
        Until.holds("another job is shown", () -> !browser.driver.getCurrentUrl().equals(front));
        browser.awaits("main", browser.driver.getCurrentUrl().replaceFirst(".*#/", ""));
        browser.awaits(".state", "Succeeded");
        assertThat(jobs().get(0).at("/request/from_job").asText()).isEqualTo(front.replaceFirst(".*#/", ""));
    }

    @Test
    @Order(6)
    void isForEverybodyInLightAndDarkAndInANarrowWindow() throws Exception {
        for (boolean dark : new boolean[] {false, true}) {
            for (String view : new String[] {"#/", "#/stored", "#/new/jobs/" + job, "#/jobs/" + job}) {
                go(view);
                browser.prefersDark(dark);
                browser.awaits("h1", "");
                if (view.startsWith("#/jobs/")) {
                    browser.awaits(".cards", "exact answers");
                } else if (view.startsWith("#/new")) {
                    browser.awaits("#estimate", "Can reach");
                    // Unfolded by itself, since the job had a threshold.
                    browser.awaits("#kl", "");
                    browser.unfold("Advanced");
                } else if (view.equals("#/stored")) {
                    browser.awaits("#datasets-title ~ * tbody tr", "");
                }
                browser.requireAccessible();
                browser.requireFits(360);
            }
        }
    }

    @Test
    @Order(7)
    void theKeyboardIsEnough() throws Exception {
        go("#/new");
        browser.awaits("h1", "New job");
        press(Keys.TAB);
        assertThat(focused()).isEqualTo("To the content");
        for (int i = 0; i < 40 && !focused().equals("Compress"); i++) {
            press(Keys.TAB);
        }
        press(Keys.ENTER);
        browser.awaits(".problem", "Model: nothing is chosen");
    }

    @Test
    @Order(8)
    void whatIsNotNeededAnyMoreIsRemoved() throws Exception {
        go("#/jobs/" + job);
        browser.awaits("#remove", "Remove").findElement(By.xpath("../a[.='Start one like it']")).click();
        browser.awaits("#estimate", "12 ×");
        assertThat(browser.element("#kl").getAttribute("value")).as("as the first one was asked for").isEqualTo("100");
        assertThat(browser.element("#data-zone .taken").getText()).contains("40 conversations");

        // For a moment after its end a job's work is still being put away; what is refused then is asked for again.
        Until.holds("the job is removed", () -> {
            go("#/jobs/" + job);
            remove("#remove");
            Until.holds("the gateway has answered", () -> browser.driver.getCurrentUrl().endsWith("#/") || !browser.driver.findElements(By.cssSelector(".problem")).isEmpty());
            return browser.driver.getCurrentUrl().endsWith("#/");
        });
        browser.awaits("tbody tr", "Cancelled");
        assertThat(browser.element("tbody").getText()).doesNotContain(job);
        go("#/jobs/" + job);
        browser.awaits(".problem", "NOT_FOUND");

        go("#/stored");
        remove("#models-title ~ * button.danger");
        browser.awaits("section", "No models yet");
        remove("#datasets-title ~ * button.danger");
        browser.awaits("section", "No conversations yet");
        String left = jobs().get(0).get("name").asText();
        go("#/" + left);
        browser.awaits(".state", "Succeeded");
        browser.awaits("#report-frame", "");
        assertThat(browser.driver.findElements(By.cssSelector(".problem"))).as("results stay when their model is gone").isEmpty();
    }

    /** Presses a button that asks, and says yes. */
    private void remove(String button) throws Exception {
        browser.awaits(button, "").click();
        browser.awaits("#yes", "").click();
    }

    private void press(Keys key) {
        new Actions(browser.driver).sendKeys(key).perform();
    }

    private String focused() {
        return browser.driver.switchTo().activeElement().getText();
    }

    private JsonNode jobs() throws IOException, InterruptedException {
        return Rest.get(mesh.server() + "/v1/jobs").get("jobs");
    }
}
