'use client';
import { Pause, Play } from 'lucide-react';
import { useConnection, useLiveState } from '../live/LiveProvider';
import { Badge } from '../ui/Badge';
import { IconButton } from '../ui/Button';
import { durationText } from '../ui/format';
import { useNow } from '../ui/useNow';

/**
 * Whether this page is live: "live", "catching up", "paused", or since when it is not and when the next try is. Live is what
 * this page has of the console; where the console itself lacks a source it is not said in green.
 */
export function ConnectionState({ isPartial }: { isPartial: boolean }) {
  const state = useLiveState();
  const connection = useConnection();
  return (
    <div className="flex items-center gap-2">
      <div role="status" aria-label="Connection to the console" className="flex items-center gap-2">
        {state.kind === 'live' && connection.isUpgraded && (
          <button
            type="button"
            className="text-accent underline underline-offset-2"
            onClick={() => window.location.reload()}
          >
            The console was upgraded: reload
          </button>
        )}
        {state.kind === 'live' &&
          (isPartial ? (
            <Badge tone="warn" title="This page follows the console, but some of its sources do not answer">
              Live, in part
            </Badge>
          ) : (
            <Badge tone="ok">Live</Badge>
          ))}
        {(state.kind === 'catching-up' || state.kind === 'idle') && <Badge tone="busy">Catching up</Badge>}
        {state.kind === 'paused' && <Badge tone="warn">Paused since {timeText(state.since)}</Badge>}
        {state.kind === 'offline' && (
          <>
            <Badge tone="bad">
              Offline since {timeText(state.since)}, <NextTry at={state.nextTryAt} />
            </Badge>
            <button type="button" className="text-accent underline underline-offset-2" onClick={connection.retryNow}>
              Try now
            </button>
          </>
        )}
      </div>
      {state.kind === 'paused' ? (
        <IconButton label="Go on live" onClick={connection.resume}>
          <Play aria-hidden size={17} />
        </IconButton>
      ) : (
        <IconButton label="Pause live updates" onClick={connection.pause}>
          <Pause aria-hidden size={17} />
        </IconButton>
      )}
    </div>
  );
}

const timeText = (at: number): string => new Date(at).toLocaleTimeString();

/** Counts down; not announced each second. */
function NextTry({ at }: { at: number }) {
  const seconds = (at - useNow()) / 1000;
  return <span aria-live="off">{seconds < 1 ? 'trying now' : `next try in ${durationText(seconds)}`}</span>;
}
