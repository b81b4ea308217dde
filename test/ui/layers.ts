import type { Page } from "playwright-core";
import { EXTREME } from "./extremes";

/** What lies over a page, or in it once it is asked for. */
export interface Layer {
  name: string;
  path: string;
  open(page: Page): Promise<unknown>;
}

const press = async (page: Page, name: string | RegExp): Promise<void> =>
  page
    .getByRole("button", { name, exact: typeof name === "string" })
    .first()
    .click();
const dialog = (page: Page): Promise<void> => page.getByRole("dialog").waitFor();
const menu = (page: Page): Promise<void> => page.getByRole("menu").waitFor();
const option = (page: Page): Promise<void> => page.getByRole("option").first().waitFor();

/** Presses one button after the other, then waits for what they open. */
const opened =
  (then: (page: Page) => Promise<void>, ...buttons: (string | RegExp)[]) =>
  async (page: Page): Promise<void> => {
    for (const name of buttons) await press(page, name);
    await then(page);
  };

/** Every menu, dialog, sheet and list of suggestions that a phone shows. */
export const layersOf = (runs: Record<"failed" | "whole" | "live", string>): Layer[] => {
  const { job, sensor } = EXTREME;
  const failed = `/runs/${runs.failed}`;
  const launchpad = `/jobs/${job}/launch?from=${runs.whole}`;
  return [
    { name: "palette", path: "/", open: opened(option, "Search") },
    { name: "drawer", path: "/", open: opened(dialog, "Menu") },
    { name: "keys", path: "/", open: async (page) => (await press(page, "Menu"), await press(page, "Keyboard help")) },
    { name: "range", path: "/", open: opened(menu, /^1 h/) },
    { name: "suggestions", path: "/runs", open: async (page) => (await filter(page).click(), await option(page)) },
    {
      name: "what is no filter",
      path: "/runs",
      open: async (page) => {
        await filter(page).fill("nothing=");
        await filter(page).press("Enter");
      },
    },
    { name: "chosen runs", path: "/runs", open: chooseTwo },
    { name: "re-execution of chosen runs", path: "/runs", open: then(chooseTwo, opened(menu, "Re-execute")) },
    { name: "deletion of chosen runs", path: "/runs", open: then(chooseTwo, opened(dialog, "Delete…")) },
    { name: "more of a run", path: failed, open: opened(menu, "More") },
    { name: "re-execution of a run", path: `/runs/${runs.whole}`, open: opened(menu, "Re-execute") },
    { name: "cancellation of a run", path: `/runs/${runs.live}`, open: opened(dialog, "Cancel run") },
    { name: "deletion of a run", path: failed, open: choose("More", "Delete run…") },
    { name: "another config", path: failed, open: choose("More", "Re-execute with changed config…") },
    {
      name: "moment of the past",
      path: `${failed}?t=0.01`,
      open: (page) => page.getByText("after the creation").waitFor(),
    },
    { name: "table", path: `/runs/${runs.whole}?table=1`, open: (page) => page.getByText("CSV").waitFor() },
    {
      name: "waterfall",
      path: `${failed}?mode=waterfall`,
      open: (page) => page.getByRole("listitem").first().waitFor(),
    },
    { name: "step of the logs", path: `${failed}?tab=logs`, open: opened(menu, "Step") },
    { name: "download", path: `${failed}?tab=logs`, open: opened(menu, "Download") },
    { name: "op", path: `${failed}?tab=graph`, open: (page) => page.locator(".cv button").first().click() },
    { name: "form", path: `${launchpad}&view=form`, open: (page) => page.getByText("What to expect").waitFor() },
    { name: "editor's suggestions", path: launchpad, open: suggest },
    { name: "editor's problems", path: launchpad, open: then(write("zz: 1"), opened(menu, "More corrections")) },
    { name: "preset", path: launchpad, open: (page) => press(page, "Save as…") },
    { name: "tag", path: `/jobs/${job}/launch`, open: (page) => press(page, "Add tag") },
    { name: "cursor", path: `/sensors?sel=${sensor}`, open: opened(dialog, "Edit…") },
    {
      name: "dry run",
      path: `/sensors?sel=${sensor}`,
      open: (page) =>
        page
          .getByRole("complementary", { name: /^Sensor/ })
          .getByRole("button", { name: "Dry run" })
          .click(),
    },
    { name: "all sensors off", path: "/sensors", open: opened(dialog, "Turn all off…") },
    { name: "doctor", path: "/deployment", open: opened(dialog, "Run doctor") },
    { name: "new key", path: "/deployment?tab=access", open: opened(dialog, "New key") },
    { name: "key", path: "/deployment?tab=access", open: then(opened(dialog, "New key"), made) },
    { name: "toast", path: `/jobs/${job}/launch`, open: removePreset },
    { name: "revocation", path: "/deployment?tab=access", open: opened(dialog, /^Revoke/) },
    { name: "bulk action", path: `/runs?q=job:${job}`, open: then(chooseTwo, actOnAll) },
  ];
};

const filter = (page: Page) => page.getByRole("combobox", { name: "Filter runs" });

const then =
  (first: Layer["open"], second: Layer["open"]) =>
  async (page: Page): Promise<void> => {
    await first(page);
    await second(page);
  };

const chooseTwo = async (page: Page): Promise<void> => {
  for (const row of [0, 1]) await page.getByRole("row").getByRole("checkbox").nth(row).check();
  await page.getByRole("toolbar", { name: "Chosen runs" }).waitFor();
};

const actOnAll: Layer["open"] = async (page) => {
  await press(page, /^Select all/);
  await opened(menu, "Re-execute")(page);
  await page.getByRole("menuitem", { name: /^All steps/ }).click();
  const field = page.getByLabel(/^Type/);
  await field.fill(/\d+/.exec(await page.getByText(/^Type \d/).innerText())![0]);
  await page.keyboard.press("Enter");
  await page.getByRole("region", { name: /re-executed/ }).waitFor();
};

const removePreset: Layer["open"] = async (page) => {
  await press(page, "Save as…");
  await page.getByLabel("Name of the preset").fill("small");
  await page.keyboard.press("Enter");
  await press(page, "Remove preset small");
  await page.getByRole("button", { name: "Undo" }).waitFor();
};

const choose = (button: string, item: string): Layer["open"] =>
  then(opened(menu, button), async (page) => {
    await page.getByRole("menuitem", { name: item }).click();
    await dialog(page);
  });

const write =
  (text: string): Layer["open"] =>
  async (page) => {
    const editor = page.getByRole("textbox", { name: /^Config/ });
    await editor.click();
    await page.keyboard.press("Control+End");
    await page.keyboard.press("Enter");
    await page.keyboard.type(text);
  };

const suggest: Layer["open"] = async (page) => {
  await write("am")(page);
  await page.keyboard.press("Control+Space");
  await option(page);
};

const made: Layer["open"] = async (page) => {
  await page.getByLabel("Whose it is").fill("ci-deploy");
  await press(page, "Make key");
  await page.getByRole("button", { name: "Copy key" }).waitFor();
};
