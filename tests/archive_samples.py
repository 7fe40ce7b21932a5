"""Archives of two files of our own, `LETTER` and `tool()`, made by the programs that make them elsewhere.

7-Zip 26.02 wrote the 7z archives, cabarchive the cabinet, genisoimage 1.1.11 the images. Each is packed once more
(LZMA) and written in base 85, so that it fits on a few lines.
"""

import base64
import lzma

LETTER = b"A letter.\n" * 20


def tool() -> bytes:
    """Give a program of Windows that does nothing, with calls and jumps."""
    program = bytearray(b"MZ" + b"\0" * 58 + (64).to_bytes(4, "little") + b"PE\0\0" + b"\0" * 20)
    for _ in range(60):
        program += b"\x55\x8b\xec\xe8" + ((5000 - len(program) - 9) & 0xFFFFFFFF).to_bytes(4, "little")
        program += b"\x0f\x84" + ((9000 - len(program) - 14 + 8) & 0xFFFFFFFF).to_bytes(4, "little") + b"\xc3"
    return bytes(program)


def sample(name: str) -> bytes:
    """Give an archive by name."""
    return lzma.decompress(base64.b85decode("".join(_SAMPLES[name].split())))


_SAMPLES = {
    # two files, LZMA2
    "plain.7z": r"""
T>t<81poj4|NsC0{{S1FlZx>;B}9e)MRNv)RK06dqnagH{ytO|dN>sI)td?J!&U>%Pf56p(oP;n$Ir8$pVRqQv~XUhJ1u%Y8!qyxT-u?Akj26D7`
{`$h=LrsMkZ}AJsn5A&bSbFtHGQpkQT7h6RinSk`Lr8Qo_vngrNk()Kl#-!8`U_KU7C3c3PG*ql4DMNxKC|o+;Ba=p8Fi2u7HH-$gpBshXwXrN;Q
NcP&X@IEkWeRcTy6M+t)IePkZsO?e&zqX83(sgMxJBQbe1p-RokhkY(OEmf+`3f^k;zUWSw#ZP96)K?dU0_M>K#*f!;$^o+4%Nx-q<6;|vLV9c%0
zEPC*mcklO^kn~{X$WZ#+s9^=c&u3h6Ia>|4jcTK&ZK<Tsf7xTGe~sq58^t5^?zjLa7Wra=o9`1d_rj2Z1OV)yIzKV3nzAE-XM=8a$?*gv|@jYWN
}w`-OM-SAK#e3-&XGJi$*j5}lbxZC(vEn?a9J|90|ZQ*l%>lsJ=B;1uXpv7i%MJ|}`3ZY!AzAJ~$u#eF#*X|7?X#ib@kC%rrY78X-hUF|}QVgLUo
WB>p
    """,
    # -mf=BCJ2 -m0=LZMA
    "bcj2.7z": r"""
T>t<81poj4|NsC0{{S1FlZx>;B}9d^w`X9kdpWlEUv*k=i6i)o@)0UA6qW6E2!o9}rPFfTB|V=HWP+~zxxRew<gkOkI<TvU6R#fu850)IB3<n74(
ux}$OrD#DN*CdewI-bTe=cdqy8OO<!se$>gY@$<4oX4Yi=Sz$_oE9U}1lAFK&G_|IJsRBZS}98kp_;Op5?I8&$@6W_-w@*7S?kmuon;2OgY4?lFs
aA?f`PFg^g%$jUGLIk6^4=7oX9Be;Ej+9%(5RT^d&Y{_RKfaA18Ew)!v)i%`W(BbxC2-PV_6(mx1y~-#2_0j}WV_iuCEWVkoy5h>ZHT_Zxa9weuR
+f)zV9R7f=cK13b4mEyYTEArE44U`;w<N1eLuh&qYm|a>`Okh!(IoVB2G}*p!}PDlhqhH5zs}C3#y&(zYCo_o){X*rTHj{7q*lgc^flK^@BaHk9y
RXChL_&;7pf%Mwr`9=4_pjzew<gQ!`CU8-10`3|U-KVvlTR80Vb_8GAuujRd@>%Of5myC?S==Bh~7{zA(~%4s3rC(q3oTW;((Miw8tQCT(C6=W4Z
UfXPWNQVZAcBK#52eciUh!QPy|Nr~I000
    """,
    # -mf=BCJ -m0=LZMA, the program alone
    "bcj.7z": r"""
T>t<81poj4|NsC0{{S1FlZx>;B}9eAy!|>x6_qZwMX^#_r*Mk7-9#q5oy>c{NS{lkplh>U{4ENC`QEhSC;Zcjw4)TAnF9re3}tqLM({<H;Te(MR&
F#ix_P8|sG94?O5<U2L0w}4=)~>4pH~tM|Dp#viq%sxZwkgQ9!0TmIav*UTy)0JnZC$}X+}CSj)H9XjCK`7#8Z@Ej^xdOblmSxUf3Z;^m3lCz)oW
lQkbRN^DhrS)#3w2m|!ZI4l`>OGJGaM3>zcv?MHU%u*|sXqj97SBLS#EE<Pd{miucJ9mVRM>@@8nO-M2zd~Nt4X;}DA1!X%gHt@QdLUJ-4k4Z3z@
!JTU;_qMo%b}0}
    """,
    # -m0=BZip2, the letter alone
    "bzip2.7z": r"""
T>t<81poj4|NsC0{{S1FlZx>;B}9d@Wg#=S!xuH+j$`L~r4mz8@^QW6%?UB+y+RXRzrV!^jKa>)%JV-Pxehf}^Owe;r0@yY)k*inK{T`=d^(M^^f
pMQ1L(;EG+o|P^OtRV8x@-WMCquzzw%tqo}6j@{eiw4U`V(5=hKG6lOP>*2kl5UujIk^_5YvEYc*)p*|_&bqRmeCTN80g`rvGnJNE<YK@$vFP&of
8Dh*{{|MFf000
    """,
    # -m0=PPMd, the letter alone
    "ppmd.7z": r"""
T>t<81poj4|NsC0{{S1FlZx>;B}9e0H|2Tzs8?tc)}jNeK%%Hk11UNXd`a}WB+-(l7}t<hq^pMn&fHV;+sQ>q<G{PoHo#}xwF{WEUCFp1>@slJF;
O@47VwrEcRvS=8p8CD_7CD3^viJ_bP6x_-QTsj#h77AGj>}9&f+FB>^3_oVAlkNfj|9O!~g
    """,
    # -pKestrel99 -mhe=on, two files
    "locked.7z": r"""
T>t<81poj4|NsC0{{S1FlZx>;B}9f9U$b-Ea*o5t)^)@F8^Y!R%lmf*7{+V&!kCeo;iRX<RK(5;^P0L9faczHgS0!*9RN0lSt?*A-}^!EH_`?UT|
18`zSMWhZLIMo<?nIuj<7W`co|6Avv)+YGV{_tI({3k$2`)%&DYO}#xUg}=#EEHGAk06-d(Bq=U!Tc0L#B%!#$kpkQNI|P^L)w)|u7Tb`lg9xO*?
NhbH_Ssx;>&U_!jFP!kRpVG$%3P-6k(d>m0Mew8kM$^)SMy6(_EZ!+^1e@lo;gG~&D$=XbGRt?Dky8hV%!lvB+9dP!xvc*Rc@8Ye2VFb%<s3E6gL
?>)!y#7YR+7>I+U76<bl{8$Tl0L8f<P(A8zA~X#{4lQ9_-heey2PQhN=8jA{cwf`FKnB=8u9;SFPEsdnpV|jq6LC~U*e5wK&D}L^(PYq3r*QS6U$
V{^unJ>mG>6=lVQLRH~a2z%#Gk@YGempScZ=-GHTYqE;XRZy!%M88Q1@$3yWphePqe4<x<b3znW#*J3g|e4<n;w5BhP(kan^!OJ2nXirZo-pmgkN
xfhy5I5=9iEzjD0e_+Y6G1KSpyVpdptIRD4$?IkX(oeRD-*TCzd;%f~VVt}9-KFp#iA)Taoo*GgJq=M-V8Imm|Nrl2fB*
    """,
    # cabarchive 0.2, the letter 300 times and the program
    "mszip.cab": r"""
T>t<81poj4|NsC0{{SYG#Avt$E0Ix!!VknnZj6ZN0v=wZPlQe_LGXAq-)SAbpc1%~X%ZFDe$>l_C%_#iz4y5NUAOAGfj`B8M8HmWrwW~z+giMz!G
#5tZJW^eBNHR7$jaIIu!!fBjncEHK<fLN7*WKB?Z5vSy{5IjTlzNH5q_K4C2A+;1qnaCRrz7+pNlp~?5#}r9al(u{VBRtcxz7m4vYzO6?9Bd^jRF
ZMq5tz&(Bdj+xU}3Lb7RQMJpDBgE#1uCd1%iLS0YUN7%$A1%`x*VZsr|F1o;2h`(C-V%Z;M(mu{}^s|G64$xo>3WUaE>4IWF-p}2jUvsoEhrU&TL
u6gD{sI0(DgVN#xu;r9yyocoBgWg#ZGtFLpABBPt{hlhc$+>t4#+}95+KX|g1bY^YiAHk4pNa~A1`J>Y<j!(VL-iSQU3{8P%m@~z(F;Ij0sf15ZR
Z(eN!~>-1H^td;8MJ2#;PQrc8`^6^2b8ugJ%`liy5LMH0NFz0I>Fa6~p{u!icPm^k$6DFL9spmsTvg;5^9YT~b+;>Y~Q9j0B-UuEaWO)*7Lxyby`
e+YJt;cvESMpR*xu{RxlnZ+tXG$WQJUZ9~8=LEl4_*|`n0AGSfje`#35yQ;JQgxP6Ttb`w=rZ^K
    """,
    # genisoimage -udf
    "udf.iso": r"""
T>t<81poj4|NsC0{{R4Q{r~@?xBo{zNELE9VNtk}DCVPv2l?*g9)i;^#X39zOR;{*ii%AyqYc@ArsIqw5mVq<7{zsp;&=B%@7)fLN1rO?4Rt}gL#
;h57_<dF%V97W#z3!ZU4b*zpC73JSKw*u==v{RmykO$CX>{EQx?w+8fqmpbW`#0V`Jdu9#48Xa6G6#8|LkWGr5L!p6qB;&3S(kwPJy7XlE^bZv;F
tDOql5hbAG;gc~dypLw$}uQe?v%eFPoOr=WjMJ>R9{N$9p55MzZ_IL23WEI`j{U5&W<1$^%h<sUiyLB9ZJXh#&+~`RCojK-k4Td@r(bFQUF9|D?d
5Y~C7J{4ac;0Dc)D1}&wY0*Qyu(;_)THDfox)D3V$JKCgtyjRL~C-MI}gbhzdCh3$M*`?sO~+x2*urvp8%G}&&y~{u03l=gz}Add{wTfubaS`C^N
WH670bwH#bOc&g)fp`LHtEyO>di)pGo;IC$EH>*P8Ur6(|5F$*{j#TpSK5PkzJ=}l`$<U|x{OGkIObZx6;^OxVk^;V-q9HTI6r&;;;lHS<3MswJx
r_=r~zg~wj_(Lt$drQ)qrHwW)IvXPcCiwcFbZ|LrxLr_rhx{F_fh&SITGs_-#xPnYU`tVJi#+69jU%oAXk~R%{t91Mjf0~i_v_@A+WF#}!3R64O)
IHO5ND~U<v(Dt)hIhO8B@QH%`gufoYWm5Bki`K#Vjw!W)c<ACdUyf>6eL#7+f|-L7siK)Luf<;QKc3esRxlUpA#J<(InPTg(LQS>Q%@YtIqC?~IR
NH<ik5n7^9N&Gq)=dSPpNcMgF*Ch>);BOuZt0NCLq%zkp^F(cZ3?=vX$?RA2d3V0t53nLvEBci+gOse%|PMUk0ZPpAA7`dlRo<<AWiZ3sZB;jzLr
z2nND9eS>m6(ctDv|Ohb@v&-2AEBl{n)S7kK0VbvRX6$csz&0%SN%kO;-$4D%EGKXUQd!RQkV^M(LPEGfP9kT~({<;J!S>2o;bBe4a1YcK_iWj#Y
>BSkDC=TF{t1uq>1lA3w!Zd(zQ~&D&o?47QczBc;JyYpn$Nt*mmWkR9(-JmkRG)|m637#<E0*};2~W&D3lsQN~SxBZGEkJw^2H{Z{8n$PAlqQbx(
`Ce%g1MTkjYadVKx!eEt8Kd-{KjvTiV>JalRqMh2--@W2@W>fky-SWs70|b!#t@`Py!6+v8W0GokmU5n_Jm<}AHGzSyjH$J@8x>}AF6#Nw)gV+1;
pAk3^~Bb2x08_S+wP<Nft{@ejn`vvzy7{Y^pQSZlT*|1b~Y^zch2cae7|=tob9qSChW4Bk)-QF$^jYVU*mBY63n5b+(OQXzC0N>J{Mm?bo-vQ3rh
n#>={MAWb0g33oXwpS$5vq9suMODB&6Pk3O`Q488no-npgO4YqHt=r5`065I6v(&G1%DW|XQdToA&Lt`6uX6PfX@pvUFof};b?8?oR>sOm#pb(?C
xp%X-0UDW#4tJcnDT-2&A?Mw(fNMgM7g=*8kXrx3I=D2=XVvq!F5-BdTNc#sCjSyai1_8hRn&0E#GUK1Qo@9=;S5*^tt7j{d9}83y&?%WBe|r4kr
$Xeqdnt_<k~f4mgr`u1dyxoZ?mvA;(1hlbcJRQKA1$BmYh={HC2J4haw~yH254lpu_xmy(c#Kxlw=ZK6!4OYH{wv)_Ld+ao4IXIyAGqD3F4HH~jF
CnRv`hU$HfdpqsK>@Tsh+|1vPq;LvcrQ~3lkMq-y1PevM5w#K8VEjXjDy*L<op+>4r*0omVf!lwbjOGT#i%gIUqeJFR#5ab^>MP^=vu1^r9H<JpI
E5toM^#F8IFCt+Xah{A(=!t$9<YrV*cpWdg%-4z3!-r5G~7pwuZ$Nc*c+Kv-ykqKMyAN4<<(F63=TpZ)T@PUL*HXBvV!SVlZ6Oh3NQ?1-{WK^kMb
?Ds8m@
    """,
    # genisoimage -J -R -hide-joliet deep
    "hidden.iso": r"""
T>t<81poj4|NsC0{{R4Q{r~@?xBo{zNELE9VNtk}DCVPv2l?*g9)i;^#X39zOR;{*ii%AyqYc@ArsIqw5mVq<7{zsp;&=B%@7)fLN1rO?4Rt}gL#
;h57_<dF%V97W#z3!cr1(JvD|AvDvlym);8kfk+~tzLA!;Spni+}TYFGZ71QahwG81!BrE^_iKi|Ed*kF?!P*7_Cee7Q2VQPzi4Es~_11#1bVra(
JHDurtUSY73L|_984c#LEQ4-KTQ}fy6>}tg45tB)Y+*RE2z#y>&G1Qqv9hJ9Pw{&#@EtHFj1XK|hwT@s6Pv?~{9wcW@myni*#R<o}cK>>cH<!LwW
H00U=o_mh7;x=C`}Ow!>ovmf2SPGwY{}Dod7l9>r}<h*kBkR<D`~_!yFqW31^6Woz@valZqR~B!B4h6jZ$p4?r)THuvql7Q_s)&#%eIkY@QQ@hyy
jE`rtXAOiD|1V`9kvHn5o|Aw-}9WDTRwMe|CPJ-lx`|Ec%_4TqX^bxe0&wYpB0+hg2uVcwKCxxgbOJ?nmZR_cEOY%{1n^g0$w7(1A*6`)P>w{y}P
#@jvIGTdMDPVEm<Ntc>y6q>Pf5-Ah2j4}W$5L6}WpQnA>z#{v_;ekL~n-i5YfJRo^Z*>3sm;+}3$qVgoCk0p#^7@1$sxW8Uc8TU2!JcZAFG$@;&?
o%LzQk+00qxClW10d{W_Mee57abn6f51n(!tSYd*O-yCU}!9!`6EqjCHn1Rk{1qAqLhZf0QSGN>9kgC^x#kpV_5lS(RH8K;(`i2^AusDwXa`;C5N
!$?C@b99L`wfZ5TtC>D1ivF|Wv7s}*TrA0I(wi`B>kB&S@&y?Olt^OO4^Ju4p9#!99&KLX&oIX44k1QS6LyUHKUV&#yS~7H5er^odVA{+L?tFONc
EvX1dgo*-CR&*!80T-)?*<8KXAfK!_XZTClq4}Mj4LKS3sAPETX*qLwkYJ%%0ilPWRPgZiVNbHj`KpJVw*)A@l3$I9rSDCymkRR=h+y~AeoR&sh#
pEUp7E}sHETZr^76&LqC1DR8~q-sfe-&q}(ne=*}_5*-m5?XyTQp@_K-C=9R0A;Hyur&bnJP^O~y&ul`0r1U@_u(!}qwmzJENlD~7uzQ(d)(pfg@
>8b328Dm}DhgRw~<(}pqarp#Wd_fTx%&0}wHOwH$cQXo6QK_9-v#UU2!t74YoGF&aFpLhpby4_&4fI?lu+TEyo&P`l1I=u3rgqZJp0y2S$9Nxg*6
kr_m`_iu6-VNfy)*p&^qV?RzL!*jTR`yF60;2wsi`ZGfjKm+_lhG*mVpSS{kER}W>zq&r^)z<b$XPA@uz*FWf^G11PeWKUo8CPs^C$_e$V0sDEt_
f;*%dbnBV6r6m(!zSr#a2I;Q!OLPau+smqQ;wim9uda33re^g;H4d8j}DucH5VyEXG-{{R;0Mt}S?I7QtR)cA=P#gouNc^%L$uqZKBCmQ^euP#Bz
B#cjhGYcO7Vho~b>9<gMMU;5OudA7Muv+u^IJkr?PGL>A~c=dmXU3EGEQd*6>I!&06m@KRjY!k@v5VC6<gB|Ez#p}zTK_wGZ)9698cf>)+&jL
    """,
}
