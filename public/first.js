// Asks for what the page will ask for first, while the page's own scripts are still on their way. The page takes these answers
// instead of asking again (components/live/first-answers.ts); what it does not want costs one answer.
(() => {
  const { lists, limit, header, storageKey, meta } = JSON.parse(document.currentScript.dataset.facts);
  const [, cluster, page = ''] = /^\/c\/([^/]+)(?:\/(.+))?$/.exec(location.pathname) ?? [];
  let token = document.querySelector(`meta[name="${meta}"]`)?.content;
  try {
    token ||= localStorage.getItem(storageKey);
  } catch {}
  if (!cluster || !token) return;

  // Only what fills the page: a browser has six connections, and the page's scripts wait for them, too.
  const topics = [];
  const here = new URLSearchParams(location.search);
  if (page === '') topics.push('overview');
  else if (Object.hasOwn(lists, page)) {
    // A link to a row or a place asks for another window, which the page knows best.
    if (!here.has('row') && !here.has('offset')) {
      const query = new URLSearchParams();
      if (here.get('q')) query.set('q', here.get('q'));
      query.set('sort', here.get('sort') || lists[page]);
      query.set('offset', '0');
      query.set('limit', limit);
      topics.push(`${page}?${query}`);
    }
  } else if (/^(volumes|pools|nodes)\/[^/]+$/.test(page) && page !== 'volumes/new') topics.push(page);

  const answers = new Map();
  for (const topic of topics) {
    const url = `/api/v1/clusters/${cluster}/${topic}`;
    const answer = fetch(url, { headers: { accept: 'application/json', [header]: token } });
    // Whoever takes it hears of a failure; nobody may.
    answer.catch(() => undefined);
    answers.set(url, answer);
  }
  globalThis.firstAnswers = { at: performance.now(), answers };
})();
