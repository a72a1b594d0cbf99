'use client';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ListParams, Topic } from '@/contract/keys';
import type { SourceState } from '@/contract/source';
import { covers, PAGE, type Span, windowFor } from '../ui/list-window';
import type { ListState } from '../ui/useListState';
import { type TopicState, useTopic } from './useTopic';

/** A window of a list, as every list answers it. */
export interface ListWindow<Row> {
  rows: Row[];
  offset: number;
  matched: number;
  total: number | null;
  facets: Record<string, Record<string, number>>;
  failing: SourceState[];
}

export interface ListWindowState<Row, Answer> extends Omit<TopicState<Answer>, 'data'> {
  /** The whole answer that the window is part of. */
  answer: Answer | undefined;
  data: ListWindow<Row> | undefined;
  /** Filter and order that `data` is of; another value means another list. */
  shown: string;
  /** The list on screen is still of another filter or order. */
  isStale: boolean;
  /** Where the address wants to begin: a row's id, or an index; the top else. */
  begin: { row?: string | undefined; offset: number };
  /** Nobody has scrolled away from there yet. */
  isBeginning: boolean;
  /** Tells which rows are seen, so that those around them are asked for. */
  onRange: (first: number, last: number) => void;
  /** Asks for the page that begins here. */
  onPage: (offset: number) => void;
}

/** While one scrolls a window is asked for at most so often. */
const SCROLL_PAUSE_MS = 100;

interface Place extends Partial<Span> {
  of: string;
  around?: string;
}

/**
 * The part of a list around what is seen, live: the server filters, sorts and cuts, and this asks for another window when
 * one scrolls out of the present one.
 */
export function useListWindow<Row, Answer>(
  cluster: string,
  list: (params: ListParams) => Topic<Answer>,
  state: ListState,
  pick: (answer: Answer) => ListWindow<Row>,
): ListWindowState<Row, Answer> {
  const key = `${state.sort} ${state.q}`;
  // Where the address pointed when this filter and order came up; later it only follows.
  const [begin, setBegin] = useState({ of: key, row: state.row, offset: state.offset });
  if (begin.of !== key) setBegin({ of: key, row: state.row, offset: state.offset });
  const [asked, setAsked] = useState<Place>(() => placeOf(begin));
  if (asked.of !== key) setAsked(placeOf({ of: key, row: state.row, offset: state.offset }));
  const { of: _, ...span } = asked;
  const topic = useTopic(cluster, list({ q: state.q, sort: state.sort, limit: PAGE, ...span }), { keep: true });
  const data = topic.data === undefined ? undefined : pick(topic.data);

  const [shown, setShown] = useState(key);
  if (data !== undefined && !topic.isPrevious && shown !== key) setShown(key);
  const isStale = shown !== key;

  const latest = useRef({ data, isStale, key, asked });
  useEffect(() => {
    latest.current = { data, isStale, key, asked };
  });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const seen = useRef({ first: 0, last: 0 });
  const settle = useCallback(() => {
    timer.current = undefined;
    const now = latest.current;
    if (!now.data || now.isStale) return;
    const { first, last } = seen.current;
    const at = now.asked.around === undefined ? (now.asked.offset ?? 0) : now.data.offset;
    if (!covers({ offset: at, limit: now.asked.limit ?? PAGE }, first, last, now.data.matched))
      setAsked({ of: now.key, ...windowFor(first, last) });
  }, []);
  const onRange = useCallback(
    (first: number, last: number) => {
      seen.current = { first, last };
      timer.current ??= setTimeout(settle, SCROLL_PAUSE_MS);
    },
    [settle],
  );
  const onPage = useCallback((offset: number) => setAsked({ of: key, offset, limit: PAGE }), [key]);
  const isBeginning = asked.around !== undefined;
  return { ...topic, answer: topic.data, data, shown, isStale, begin, isBeginning, onRange, onPage };
}

const placeOf = ({ of, row, offset }: { of: string; row: string | undefined; offset: number }): Place =>
  row === undefined ? { of, ...windowFor(offset, offset) } : { of, ...windowFor(offset, offset), around: row };
