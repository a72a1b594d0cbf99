'use client';
import { useRouter, useSearchParams } from 'next/navigation';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { changedQuery, type ListPlace, type PlaceChange, readPlace } from './list-url';

export interface ListState extends ListPlace {
  defaultSort: string;
  /** Changes the list's state in the URL; a new filter or order begins at the top. */
  set: (change: PlaceChange) => void;
  /** Goes to another page; the address keeps the row that one goes from, so that Back leads to it. */
  leaveFrom: (row: string, href: string) => void;
}

/** A page that is gone to should be there by then. */
const LEAVING_MS = 10_000;

/** Filter, order, columns and place of a list, kept in the URL so that it can be shared, reloaded and gone back to. */
export function useListState(defaultSort: string): ListState {
  const address = useSearchParams().toString();
  // The router follows a changed address at leisure; what somebody has just set holds at once.
  const [own, setOwn] = useState({ at: address, query: address });
  if (own.at !== address) setOwn({ at: address, query: address });
  const query = own.at === address ? own.query : address;
  const latest = useRef(address);
  useEffect(() => {
    latest.current = address;
  }, [address]);
  const leftAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    const onClick = (e: MouseEvent) => {
      if (e.target instanceof Element && e.target.closest('a[href]')) leftAt.current = performance.now();
    };
    document.addEventListener('click', onClick, true);
    return () => document.removeEventListener('click', onClick, true);
  }, []);
  const set = useCallback(
    (change: PlaceChange) => {
      // A new address would call off the way to another page that is under way; where one scrolled to is not worth that.
      const isOnlyPlace = Object.keys(change).every((k) => k === 'offset');
      if (isOnlyPlace && performance.now() - leftAt.current < LEAVING_MS) return;
      const { pathname, search, hash } = window.location;
      const query = changedQuery(search, change, defaultSort);
      if (query === new URLSearchParams(search).toString()) return;
      setOwn({ at: latest.current, query });
      // Not by the router: the page is the same, so nothing has to be asked of the server.
      window.history.replaceState(null, '', `${pathname}${query ? `?${query}` : ''}${hash}`);
    },
    [defaultSort],
  );
  const router = useRouter();
  const [leaving, setLeaving] = useState<{ row: string; href: string }>();
  // Not before the router has the address with the row: it would write the one before over it.
  useEffect(() => {
    if (!leaving || new URLSearchParams(address).get('row') !== leaving.row) return;
    setLeaving(undefined);
    router.push(leaving.href);
  }, [address, leaving, router]);
  const leaveFrom = useCallback(
    (row: string, href: string) => {
      leftAt.current = performance.now();
      set({ row });
      setLeaving({ row, href });
    },
    [set],
  );
  return useMemo(
    () => ({ ...readPlace(new URLSearchParams(query), defaultSort), defaultSort, set, leaveFrom }),
    [query, defaultSort, set, leaveFrom],
  );
}
