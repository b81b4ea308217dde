import { type Column, tableLines } from "../../cli/table";

interface Row {
  id: string;
  job: string;
  steps: string;
  why: string;
}
const COLUMNS: Column<Row>[] = [
  { title: "ID", text: ({ id }) => id },
  { title: "JOB", text: ({ job }) => job, flexible: true },
  { title: "STEPS", text: ({ steps }) => steps, right: true },
  { title: "WHY", text: ({ why }) => why, flexible: true, optional: true },
];
const rows: Row[] = [
  { id: "a1", job: "short", steps: "1/1", why: "" },
  { id: "b2", job: "a_job_with_quite_a_long_name", steps: "10/200", why: "it broke in the middle of the night" },
];

test("a table is as wide as its cells where there is room", () => {
  expect(tableLines(COLUMNS, rows, Infinity)).toEqual([
    "ID  JOB                            STEPS  WHY",
    "a1  short                            1/1",
    "b2  a_job_with_quite_a_long_name  10/200  it broke in the middle of the night",
  ]);
});

test("where there is little room what may be cut is cut, names last", () => {
  expect(tableLines(COLUMNS, rows, 50)).toEqual([
    "ID  JOB                        STEPS  WHY",
    "a1  short                        1/1",
    "b2  a_job_with_quite_a_long…  10/200  it broke in…",
  ]);
});

test("where there is less, what is optional is left out, as is an optional column that is empty", () => {
  expect(tableLines(COLUMNS, rows, 30)).toEqual([
    "ID  JOB                  STEPS",
    "a1  short                  1/1",
    "b2  a_job_with_quite_…  10/200",
  ]);
  expect(tableLines(COLUMNS, rows.slice(0, 1), Infinity)).toEqual(["ID  JOB    STEPS", "a1  short    1/1"]);
});
