// Runs before anything else of a page, and before its first paint.
(() => {
  // The page's policy lets no text become code. The build's own loader names its files as text: those, and nothing else, pass.
  // React makes an empty script element out of text to render one; it runs nothing.
  if (window.trustedTypes) {
    window.trustedTypes.createPolicy('default', {
      createScriptURL: (text) => {
        const url = new URL(text, location.origin);
        return url.origin === location.origin && url.pathname.startsWith('/_next/static/') ? text : null;
      },
      createHTML: (text) => (text === '<script></script>' ? text : null),
    });
  }
  // The schema library would try whether it may make functions out of text; it may not.
  globalThis.__zod_globalConfig = { jitless: true };

  // The theme, so that the page never flashes in the wrong one.
  let kept = null;
  try {
    kept = localStorage.getItem('theme');
  } catch {}
  const dark = kept === 'dark' || (kept !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
