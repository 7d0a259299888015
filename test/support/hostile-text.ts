import type { Report } from '../../lib/report/report-schema.js';

/** What a target, or a plan from elsewhere, may want to smuggle into a report. */
export const HOSTILE: Readonly<Record<string, string>> = {
  markup: "<script>alert(1)</script>\"><img src=x onerror=alert(1)>' onmouseover='alert(1)",
  'the end of a section': ']]></failure></testcase><testcase name="x"/><!-- --> &lt;&#60;b>&amp;',
  'half a character': 'a\ud800b\udc00c\ufffe\uffff',
  'a formula': '=HYPERLINK("http://evil.example";"x")',
  'a formula behind a sign': '+1;=1+1;"=2";@SUM(A1);-1',
  'a formula behind a tab': '\t=1+1',
  'a formula behind a line break': '\r\n=1+1',
  'a formula in other widths': '＝1+1',
  'terminal escapes':
    '\u001b[2J\u001b]0;title\u0007\u001b]8;;http://evil.example\u001b\\\u009b31m\u0090q\u009c\u0007\b',
  'escapes within escapes': '\u001b\u001b[[31m31m\u001b[\u001b[31mm',
  'turned writing': '\u202egnp.exe\u202c\u2066\u2069\u200f\u061c\u{e0041}\ufeff\u00ad',
  'line breaks': 'a\r\nb\nc\rd\u2028e\u2029f\u0085g\vh\fi',
  'orders to a runner': '::error file=a,line=1::owned',
  'orders on lines of their own': 'a\n::add-mask::b\n  ::stop-commands::c\r::error::d',
  'orders behind spaces': 'a ::error::owned ::set-env name=A::b :\u200b:error::c',
  'orders of other runners': '##[error]owned ##vso[task.setvariable]a ##teamcity[b] ###[c]',
  'per cent': '%0A::error::owned%25%3A,title=x',
  'a table': 'a | b\\| c \\\\| d |\n|---|---|\n| e |',
  fences: '```\n# heading\n~~~\n``` `a` ``',
  links: '[a](javascript:alert(1)) ![b](http://evil.example/b.png) [c]: http://evil.example',
  'links by themselves':
    'http://evil.example/ https://evil.example www.evil.example a@evil.example',
  calls: '@octocat #1 octo/cat#1 :tada: $x$ $$y$$ GH-1',
  details: '</summary></details><details open><h1>owned</h1>\n\n# owned',
  'a list': '- a\n- b',
  'a numbered list': '1. a\n2) b',
  'a heading': '# owned\n=====\n-----',
  'a quotation': '> owned',
  emphasis: '**a** __b__ *c* _d_ ~~e~~ \\*f\\* \\',
  'a tag of a log': 'Tag=a,1,2,3,x y,#[StartTime: 0 (x)]\n"StartTimestamp"',
};

/** Fields that hold text of a plan or a target, or sentences that quote it. */
const FREE: ReadonlySet<string> = new Set([
  ...[
    'name',
    'label',
    'target',
    'regions',
    'requests',
    'flows',
    'region',
    'request',
    'title',
    'stage',
  ],
  ...['sentence', 'cause', 'text', 'worst', 'meaning', 'remedy', 'why', 'rateWhy', 'address'],
  ...['message', 'sample', 'sign', 'missing', 'node', 'arch', 'engine', 'plan', 'targetAt'],
  ...['stopping'],
]);

/** The same data, with something before every text in it that is not one of a few words. */
export function withPrefix<T>(data: T, prefix: string): T {
  const walk = (value: unknown, free: boolean): unknown => {
    if (typeof value === 'string') return free ? prefix + value : value;
    if (Array.isArray(value)) return value.map((one) => walk(one, free));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, walk(one, FREE.has(key))]),
    );
  };
  return walk(data, false) as T;
}

export function prefixed(report: Report, prefix: string): Report {
  const changed = withPrefix(report, prefix);
  // `every` stands for all regions, and is none.
  const objectives = changed.verdict.objectives.map((objective, i) =>
    report.verdict.objectives[i]?.region === 'every'
      ? { ...objective, region: 'every' }
      : objective,
  );
  return { ...changed, verdict: { ...changed.verdict, objectives } };
}

/** Whatever a terminal obeys, and what hides or turns text on it; line breaks are not in it. */
export const OBEYED =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}\ud800-\udfff]/u;

/** Without the colours that are ours. */
export function uncoloured(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: our own
  return text.replace(/\u001b\[[\d;]*m/g, '');
}
