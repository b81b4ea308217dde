/** Fills the first page and keeps it live: the list once, then what the stream says. */
export const HOME_JS = `"use strict";
const SHOWN = 50;
const ENDED = new Set(["SUCCESS", "FAILURE", "CANCELED"]);
const runs = new Map();
const $ = (id) => document.getElementById(id);
const fetchJson = async (path) => {
  const response = await fetch(path);
  if (!response.ok) throw new Error(path + ": " + response.status);
  return response.json();
};

const duration = (run) => {
  if (!run.started_at) return "";
  const ms = (run.ended_at ? new Date(run.ended_at) : new Date()) - new Date(run.started_at);
  const s = Math.max(0, Math.round(ms / 1000));
  if (ms < 10000) return (Math.max(0, ms) / 1000).toFixed(1) + " s";
  return s < 60 ? s + " s" : Math.floor(s / 60) + " m " + String(s % 60).padStart(2, "0") + " s";
};
const launchedBy = ({ tags, parent_run_id }) =>
  tags["dagster/sensor_name"] || tags["dagster/schedule_name"] || (parent_run_id ? "re-execution" : "API");

const cell = (row, text, name) => {
  const td = row.insertCell();
  if (name) {
    const span = document.createElement("span");
    span.className = name;
    span.textContent = text;
    td.append(span);
  } else td.textContent = text;
  return td;
};

const draw = (run) => {
  const row = document.createElement("tr");
  cell(row, run.status, "status " + run.status);
  const link = document.createElement("a");
  link.href = "/api/runs/" + run.id;
  link.className = "mono";
  link.textContent = run.id.slice(0, 13);
  row.insertCell().append(link);
  cell(row, run.job);
  cell(row, run.steps_total ? run.steps_succeeded + " / " + run.steps_total : "");
  cell(row, launchedBy(run));
  cell(row, new Date(run.created_at).toLocaleTimeString());
  cell(row, duration(run));
  return row;
};

const render = () => {
  const newest = [...runs.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  for (const { id } of newest.splice(SHOWN)) runs.delete(id);
  $("runs").replaceChildren(...newest.map(draw));
  $("empty").hidden = newest.length > 0;
};

let drawn = 0;
const renderSoon = () => {
  drawn ||= requestAnimationFrame(() => {
    drawn = 0;
    render();
  });
};

const figures = async () => {
  const count = async (status) => {
    const { items, next_cursor } = await fetchJson("/api/runs?limit=200&" + status.map((s) => "status=" + s).join("&"));
    return items.length + (next_cursor ? "+" : "");
  };
  const [underWay, queued, workers, jobs] = await Promise.all([
    count(["STARTING", "STARTED", "CANCELING"]),
    count(["QUEUED"]),
    fetchJson("/api/workers"),
    fetchJson("/api/jobs?limit=1000"),
  ]);
  const sum = (field) => workers.items.reduce((total, worker) => total + worker[field], 0);
  $("under-way").textContent = underWay;
  $("queued").textContent = queued;
  $("slots").textContent = sum("busy") + " / " + sum("slots");
  $("workers").textContent = workers.items.length;
  $("jobs").textContent = jobs.items.length;
};

/** Steps of runs under way are counted anew; their statuses come by the stream. */
const refresh = async () => {
  const { items } = await fetchJson("/api/runs?limit=" + SHOWN);
  for (const run of items) runs.set(run.id, run);
  render();
};

const say = (text, live) => {
  $("live").textContent = text;
  $("live").className = live ? "quiet live" : "quiet live offline";
};

const source = new EventSource("/api/stream?topics=runs");
source.addEventListener("open", () => {
  say("Live", true);
  refresh().catch(() => {});
});
source.addEventListener("error", () => say("Offline, trying again", false));
source.addEventListener("run", ({ data }) => {
  const run = JSON.parse(data);
  runs.set(run.id, run);
  renderSoon();
});

figures().catch(() => {});
setInterval(() => figures().catch(() => {}), 3000);
setInterval(() => {
  if ([...runs.values()].some((run) => !ENDED.has(run.status))) refresh().catch(() => {});
}, 2000);
`;
