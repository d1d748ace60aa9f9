/** What the host wrote into the page: a JSON object in `<meta name>`; {} where there is none, and outside of a page. */
export function pageData(name: string): Readonly<Record<string, unknown>> {
  if (typeof document === 'undefined') return {};
  const meta = document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`);
  return meta === null ? {} : (JSON.parse(meta.content) as Record<string, unknown>);
}
