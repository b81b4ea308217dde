import { type ReactNode, useState } from "react";
import type { Takeover } from "../../../client";
import { count, counted, duration } from "../../parts/format";
import { RAN_TWICE, TAKEOVER_REASONS } from "../../parts/takeover-reasons";
import { Stamp } from "../../parts/time";
import { Titles } from "../../parts/titles";
import { Older } from "./older";

const AT_FIRST = 8;
/** Shards that one coordinator takes of another go one by one, but are one story. */
const TOGETHER_MS = 3_000;

/** Who took which shards of whom, how long their runs stood still, and how many steps were sent again. */
export const Takeovers = ({ takeovers }: { takeovers: readonly Takeover[] }): ReactNode => {
  const [all, setAll] = useState(false);
  const stories = storiesOf(takeovers);
  const shown = all ? stories : stories.slice(0, AT_FIRST);
  return (
    <section className="card" aria-labelledby="dep-takeovers">
      <div className="cardh">
        <h2 id="dep-takeovers">Take-overs</h2>
        <span className="sub num ell">
          {counted(sumOf(takeovers.map((one) => one.sent_again ?? 0)), "step")} sent again in the last{" "}
          {count(takeovers.length)}
        </span>
      </div>
      {shown.length > 0 ? <Table stories={shown} /> : <p className="depfoot t2">No shard has been taken yet.</p>}
      <Older more={stories.length - shown.length} show={() => setAll(true)} />
    </section>
  );
};

/** Newest first, as they come: what belongs together stands together. */
const storiesOf = (takeovers: readonly Takeover[]): [Takeover, ...Takeover[]][] => {
  const stories: [Takeover, ...Takeover[]][] = [];
  for (const taken of takeovers) {
    const story = stories.find(([first]) => isSameStory(first, taken));
    if (story) story.push(taken);
    else stories.push([taken]);
  }
  return stories;
};

const isSameStory = (a: Takeover, b: Takeover): boolean =>
  a.owner === b.owner &&
  a.former === b.former &&
  a.how === b.how &&
  Math.abs(Date.parse(a.at) - Date.parse(b.at)) < TOGETHER_MS;

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

const Table = ({ stories }: { stories: readonly [Takeover, ...Takeover[]][] }): ReactNode => (
  <div className="table-place" role="region" aria-label="Take-overs, newest first" tabIndex={0}>
    <table className="table lines two takeovers">
      <thead>
        <tr>
          <Titles of={["At", "Shards", "From", "To", "How"]} />
          <th scope="col" className="fig" title="From the last sign of life of its owner until its runs went on">
            Stalled
          </th>
          <th scope="col" className="fig">
            Sent again
          </th>
          <th scope="col" className="fig" title={RAN_TWICE}>
            Ran twice
          </th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {stories.map((story) => (
          <Row key={`${story[0].shard} ${story[0].epoch}`} story={story} />
        ))}
      </tbody>
    </table>
  </div>
);

/** Of what is not known of each, nothing is told of all. */
const totalOf = (numbers: readonly (number | null)[]): string => {
  const known = numbers.filter((number) => number !== null);
  return known.length < numbers.length ? "—" : count(sumOf(known));
};

/** On phones none are no line. */
const hasAny = (numbers: readonly (number | null)[]): boolean =>
  numbers.some((number) => number !== null && number > 0);

const Row = ({ story }: { story: readonly [Takeover, ...Takeover[]] }): ReactNode => {
  const { at, former, owner, how } = story[0];
  const reason = TAKEOVER_REASONS[how];
  const known = story.flatMap(({ stalled_ms: ms }) => ms ?? []);
  const sentAgain = story.map((one) => one.sent_again);
  const ranTwice = story.map((one) => one.had_begun);
  const shards = story.map(({ shard }) => shard).sort((a, b) => a - b);
  return (
    <tr>
      <th scope="row" className="t2 tk-at">
        <Stamp at={at} />
      </th>
      <td data-title="Shards" className="num rest" title={shards.join(", ")}>
        <b>{shards.join(", ")}</b>
      </td>
      <td className="mono t2 wide">{former ?? "—"}</td>
      <td data-title="To" className="mono below rest" title={owner}>
        {owner}
      </td>
      <td className={reason.fault ? "t-retry" : "t2"}>{reason.how}</td>
      <td data-title="Stalled" className="fig below">
        {known.length === 0 ? "—" : duration(Math.max(...known))}
      </td>
      <td data-title="Sent again" className={`fig t2 below ${hasAny(sentAgain) ? "" : "wide"}`}>
        {totalOf(sentAgain)}
      </td>
      <td data-title="Ran twice" className={`fig t2 below ${hasAny(ranTwice) ? "" : "wide"}`}>
        {totalOf(ranTwice)}
      </td>
      <td className="t2 wide">{reason.why}</td>
    </tr>
  );
};
