/** Where one is in a wizard. */
export function Steps({ names, current }: { names: readonly string[]; current: number }) {
  return (
    <ol className="flex flex-wrap gap-x-6 gap-y-1" aria-label="Steps">
      {names.map((name, i) => (
        <li
          key={name}
          aria-current={i === current ? 'step' : undefined}
          className={`flex items-center gap-2 ${i === current ? 'font-semibold' : 'text-ink-2'}`}
        >
          <span
            aria-hidden
            className={`inline-flex size-6 items-center justify-center rounded-full border text-[0.86rem] ${
              i === current ? 'border-accent bg-accent text-accent-ink' : 'border-line-strong'
            }`}
          >
            {i + 1}
          </span>
          {name}
        </li>
      ))}
    </ol>
  );
}

/** Why a wizard does not go on, beside its buttons; on a narrow screen above them. */
export function Refusal({ reason }: { reason: string }) {
  return <p className="min-w-0 flex-1 basis-60 text-ink-2 first-letter:uppercase">{reason}</p>;
}
