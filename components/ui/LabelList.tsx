/** Labels as key and value; long ones break instead of pushing the page wide. */
export function LabelList({ labels }: { labels: Record<string, string> }) {
  const entries = Object.entries(labels);
  if (entries.length === 0) return <span className="text-ink-2">none</span>;
  return (
    <ul className="flex flex-wrap gap-1">
      {entries.map(([key, value]) => (
        <li key={key} className="rounded bg-surface-2 px-1.5 py-0.5 text-[0.86rem] break-all">
          {key}
          {value && `=${value}`}
        </li>
      ))}
    </ul>
  );
}
