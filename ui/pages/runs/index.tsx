import { type ReactNode, useCallback, useMemo, useState } from "react";
import type { RunItem, RunListOptions, RunSort } from "../../../client";
import { serverAhead, serverNow } from "../../data/server-clock";
import {
  statusesOf,
  filterOf,
  readToken,
  readTokens,
  type Token,
  wordsOf,
  writeTokens,
} from "../../../client/filter-text";
import { useParam } from "../../data/url";
import { type KeyGroup, useKeys } from "../../frame/keys";
import { LaunchButton, PageTop } from "../../frame/page-top";
import { Button } from "../../parts/buttons";
import { count, counted } from "../../parts/format";
import { Icon } from "../../parts/icon";
import { late } from "../../parts/late";
import { Menu } from "../../parts/menu";
import { Loaded } from "../../parts/states";
import { COLUMNS, useColumns } from "./columns";
import { FilterBar } from "./filter-bar";
import { RunList } from "./run-list";
import { type Selection, useSelection } from "./selection";
import { Histogram, StatusFacets, useCounts } from "./summary";
import { useNewRuns, useRuns } from "./use-runs";
import "./runs.css";

const None = late(() => import("./none"));
const SelectionBar = late(() => import("./selection-bar"));

const SORTS: readonly RunSort[] = ["created", "-created", "duration", "-duration", "status", "-status"];

/** The filter of the address. */
const useFilter = () => {
  const [q, setQ] = useParam("q");
  const tokens = useMemo(() => readTokens(q), [q]);
  const unread = useMemo(() => wordsOf(q).filter((word) => readToken(word) === null), [q]);
  // What `created:1h` means is known once the clocks have been compared.
  const ahead = serverAhead();
  const filter = useMemo(() => filterOf(tokens, serverNow(ahead)), [tokens, ahead]);
  const setTokens = useCallback((next: Token[]) => setQ(writeTokens(next), { push: true }), [setQ]);
  return { q, tokens, unread, filter, setTokens };
};

export default function RunsPage(): ReactNode {
  const { q, tokens, unread, filter, setTokens } = useFilter();
  const [sortParam, setSort] = useParam("sort");
  const sort = SORTS.find((known) => known === sortParam) ?? "-created";
  const options = useMemo<RunListOptions>(() => ({ ...filter, sort }), [filter, sort]);
  const { query, rows } = useRuns(options);
  const selection = useSelection(q);
  const [top, setTop] = useState(true);
  const news = useNewRuns(options, query.data ? rows : null, top && selection.none && sort === "-created");
  const { data: counts } = useCounts(filter);
  return (
    <>
      <Top total={counts ? count(counts.total) + (counts.complete ? "" : "+") : null} />
      <FilterBar tokens={tokens} unread={unread.join(" ")} filter={filter} rows={rows} setTokens={setTokens} />
      <div className="summary">
        <StatusFacets tokens={tokens} filter={filter} setTokens={setTokens} />
        <Histogram tokens={tokens} filter={filter} setTokens={setTokens} />
      </div>
      {/* Before the rows, or who goes on by Tab would have to pass all of them. */}
      {!selection.none && <SelectionBar {...{ selection, rows, tokens, filter }} />}
      <Loaded query={query} failed="Runs could not be loaded">
        {() =>
          rows.length === 0 && !query.hasNextPage ? (
            <None tokens={tokens} setTokens={setTokens} />
          ) : (
            <Rows
              {...{ rows, news, tokens, selection, sort, query, setTop }}
              setSort={(next) => setSort(next === "-created" ? null : next)}
            />
          )
        }
      </Loaded>
    </>
  );
}

const Top = ({ total }: { total: string | null }): ReactNode => {
  const { shown, toggle } = useColumns();
  const items = COLUMNS.filter(({ optional }) => optional).map(({ name, title }) => ({
    label: title,
    checked: shown.some((column) => column.name === name),
    act: () => toggle(name),
  }));
  const actions = (
    <>
      <Menu items={items}>
        <Button icon="eye" kind="ghost">
          Columns
        </Button>
      </Menu>
      <LaunchButton />
    </>
  );
  return (
    <PageTop
      title="Runs"
      actions={actions}
      beside={
        total !== null && (
          <span className="narrow-only">
            <span className="dim num">{total}</span>
          </span>
        )
      }
    />
  );
};

interface RowsProps {
  rows: readonly RunItem[];
  news: { fresh: number; show(): unknown };
  tokens: readonly Token[];
  selection: Selection;
  sort: RunSort;
  setSort(sort: RunSort): void;
  setTop(top: boolean): void;
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage(): unknown };
}

const Rows = ({ rows, news, tokens, selection, sort, setSort, setTop, query }: RowsProps): ReactNode => {
  const [anchor] = useParam("anchor");
  const { shown } = useColumns();
  const { fresh, show } = news;
  const fits = useFits(tokens);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const loadMore = useCallback(() => void (isFetchingNextPage || fetchNextPage()), [isFetchingNextPage, fetchNextPage]);
  useKeys(useMemo(() => pillKeys(show), [show]));
  return (
    <RunList
      {...{ rows, selection, sort, setSort, fits, loadMore, anchor }}
      columns={shown}
      more={hasNextPage}
      onTop={setTop}
      pill={fresh > 0 && <Pill fresh={fresh} show={show} />}
    />
  );
};

const pillKeys = (show: () => unknown): KeyGroup => ({
  title: "News",
  bindings: [{ keys: ".", label: "Show new runs", act: () => void show() }],
});

const Pill = ({ fresh, show }: { fresh: number; show(): unknown }): ReactNode => (
  <div className="pill-place" role="status">
    <button type="button" className="pill" onClick={show}>
      <Icon name="up" size={12} />
      {counted(fresh, "new run")}
      <kbd aria-hidden="true">.</kbd>
    </button>
  </div>
);

/** What changes while it is shown is its status. */
const useFits = (tokens: readonly Token[]): ((run: RunItem) => boolean) =>
  useMemo(() => {
    const asked = statusesOf(tokens);
    return ({ status }) => asked === null || asked.includes(status);
  }, [tokens]);
