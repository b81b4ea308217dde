/** The first page: what runs, live. */
export const HOME_HTML = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>dqueue</title>
  <link rel="icon" href="/favicon.svg">
  <link rel="stylesheet" href="/style.css">
  <script src="/home.js" defer></script>
</head>
<body>
  <main>
    <header>
      <h1>dqueue</h1>
      <span id="live" class="quiet" role="status">Connecting</span>
      <nav aria-label="Pages"><a href="/api/docs">API</a> <a href="/metrics">Metrics</a></nav>
    </header>
    <section class="sheet figures" aria-label="Now">
      <div><b id="under-way">–</b><span>runs under way</span></div>
      <div><b id="queued">–</b><span>queued</span></div>
      <div><b id="slots">–</b><span>slots busy</span></div>
      <div><b id="workers">–</b><span>workers</span></div>
      <div><b id="jobs">–</b><span>jobs</span></div>
    </section>
    <section class="sheet" aria-label="Runs">
      <table>
        <thead>
          <tr><th>Status</th><th>Run</th><th>Job</th><th>Steps</th><th>Launched by</th><th>Created</th><th>Duration</th></tr>
        </thead>
        <tbody id="runs"></tbody>
      </table>
      <div id="empty" class="empty" hidden>No run yet. Launch one: <code>dqueue run &lt;job&gt; --wait</code></div>
    </section>
  </main>
</body>
</html>
`;
