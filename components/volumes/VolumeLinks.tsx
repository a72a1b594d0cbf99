import { TextLink } from '../ui/TextLink';

const SHOWN = 12;

/** Names of volumes as links; many are cut off with their number. */
export function VolumeLinks({
  cluster,
  volumes,
}: {
  cluster: string;
  volumes: ReadonlyArray<{ id: string; name: string }>;
}) {
  return (
    <ul className="flex flex-wrap gap-x-3 gap-y-1">
      {volumes.slice(0, SHOWN).map((v) => (
        <li key={v.id}>
          <TextLink href={`/c/${cluster}/volumes/${v.id}`}>{v.name}</TextLink>
        </li>
      ))}
      {volumes.length > SHOWN && <li className="text-ink-2">and {volumes.length - SHOWN} more</li>}
    </ul>
  );
}
