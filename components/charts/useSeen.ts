'use client';
import { type RefObject, useEffect, useRef, useState } from 'react';

/** A little before it is seen. */
const NEARBY = { rootMargin: '200px' };

/** Whether an element has been in sight, once the page was at rest: what is heavy and further down waits for that. */
export function useSeen<E extends Element>(): [RefObject<E | null>, boolean] {
  const ref = useRef<E>(null);
  const [isSeen, setSeen] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element || isSeen) return;
    let idle: number | undefined;
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some((e) => e.isIntersecting)) return;
      observer.disconnect();
      // Safari has no requestIdleCallback.
      if (typeof requestIdleCallback === 'function')
        idle = requestIdleCallback(() => setSeen(true), { timeout: 1_000 });
      else setSeen(true);
    }, NEARBY);
    observer.observe(element);
    return () => {
      observer.disconnect();
      if (idle !== undefined) cancelIdleCallback(idle);
    };
  }, [isSeen]);
  return [ref, isSeen];
}
